from .answer_labels import TrackLabel
from .asset_identity import AssetIdentity, identities_of
from .builder import DatasetBuilder, boxes_dataset
from .chat import write_chat
from .dataset import Attributes, Dataset, DatasetAsset
from .formats.activitynet import read_activitynet, write_activitynet
from .formats.catalog import FORMATS, FormatInfo
from .formats.choices import DatasetFormat, PointPolicy, YoloTask
from .formats.coco.instances import read_coco, write_coco, write_coco_results
from .formats.coco.results import read_coco_results
from .formats.coco.videos import read_coco_video, write_coco_video
from .formats.csv_rows import read_csv, write_csv
from .formats.cvat.images import read_cvat, write_cvat
from .formats.cvat.video_tracks import read_cvat_video, write_cvat_video
from .formats.dataset_jsonl import read_dataset_jsonl, write_dataset_jsonl
from .formats.dataset_parquet import read_dataset_parquet, write_dataset_parquet
from .formats.label_studio import read_label_studio, write_label_studio
from .formats.labelme import read_labelme, write_labelme
from .formats.recognition import guess_format
from .formats.registry import read_dataset, write_dataset
from .formats.voc import read_voc, write_voc
from .formats.yolo.folder import read_yolo, write_yolo
from .image_files import ImageFiles
from .image_joining import join_images
from .image_sizes import FolderSizes, ImageSize, sizes_in
from .import_report import ImportReport
from .keypoints import Keypoints, Skeleton
from .known_sizes import Sizes
from .label_source import LabelSource
from .lists import Join, LabelMap, read_join, read_label_map, read_labels, read_sizes, read_splits
from .name_joining import JoinCount, JoinedBy, JoinReport
from .parts import join_parts, read_parts, write_part
from .policies import AssetKind, Merge
from .recording_importer import RecordingImporter, from_recordings
from .sharding import shard_of
from .splits import Splits, split_dataset
from .transform import ImageTransform
from .validation import check_sizes

__all__ = [
    "FORMATS",
    "AssetIdentity",
    "AssetKind",
    "Attributes",
    "Dataset",
    "DatasetAsset",
    "DatasetBuilder",
    "DatasetFormat",
    "FolderSizes",
    "FormatInfo",
    "ImageFiles",
    "ImageSize",
    "ImageTransform",
    "ImportReport",
    "Join",
    "JoinCount",
    "JoinReport",
    "JoinedBy",
    "Keypoints",
    "LabelMap",
    "LabelSource",
    "Merge",
    "PointPolicy",
    "RecordingImporter",
    "Sizes",
    "Skeleton",
    "Splits",
    "TrackLabel",
    "YoloTask",
    "boxes_dataset",
    "check_sizes",
    "from_recordings",
    "guess_format",
    "identities_of",
    "join_images",
    "join_parts",
    "read_activitynet",
    "read_coco",
    "read_coco_results",
    "read_coco_video",
    "read_csv",
    "read_cvat",
    "read_cvat_video",
    "read_dataset",
    "read_dataset_jsonl",
    "read_dataset_parquet",
    "read_join",
    "read_label_map",
    "read_label_studio",
    "read_labelme",
    "read_labels",
    "read_parts",
    "read_sizes",
    "read_splits",
    "read_voc",
    "read_yolo",
    "shard_of",
    "sizes_in",
    "split_dataset",
    "write_activitynet",
    "write_chat",
    "write_coco",
    "write_coco_results",
    "write_coco_video",
    "write_csv",
    "write_cvat",
    "write_cvat_video",
    "write_dataset",
    "write_dataset_jsonl",
    "write_dataset_parquet",
    "write_label_studio",
    "write_labelme",
    "write_part",
    "write_voc",
    "write_yolo",
]
