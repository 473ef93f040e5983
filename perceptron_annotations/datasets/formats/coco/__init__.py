"""COCO: instances, results, and videos."""
