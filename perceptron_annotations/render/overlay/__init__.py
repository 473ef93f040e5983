"""Answers and datasets drawn on images and videos. Its public names are those of ``perceptron_annotations.render``."""
