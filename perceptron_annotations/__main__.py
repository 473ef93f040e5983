"""``python -m perceptron_annotations``."""

from .cli.main import main  # noqa: TID251 - the entry is the one place outside that may

if __name__ == "__main__":
    main()
