"""YOLO: a folder of label files beside images."""
