"""CVAT: images and tracks."""
