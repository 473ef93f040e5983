"""Many answers as columns: texts or files of recordings go in, an ``AnnotationTable`` of NumPy arrays comes out."""
