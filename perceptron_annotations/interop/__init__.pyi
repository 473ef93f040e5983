from .detection_tools import dataset_to_pandas, dataset_to_polars, to_supervision, to_torchvision
from .perceptron_sdk import from_sdk, to_sdk
from .shapely import from_shapely, to_shapely

__all__ = [
    "dataset_to_pandas",
    "dataset_to_polars",
    "from_sdk",
    "from_shapely",
    "to_sdk",
    "to_shapely",
    "to_supervision",
    "to_torchvision",
]
