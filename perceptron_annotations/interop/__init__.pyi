from .dataframes import to_pandas, to_polars
from .perceptron_sdk import from_sdk, to_sdk
from .shapely import from_shapely, to_shapely
from .supervision import to_supervision
from .torchvision import DetectionTarget, to_torchvision

__all__ = [
    "DetectionTarget",
    "from_sdk",
    "from_shapely",
    "to_pandas",
    "to_polars",
    "to_sdk",
    "to_shapely",
    "to_supervision",
    "to_torchvision",
]
