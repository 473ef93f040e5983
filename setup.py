"""The optional extension: a wheel that was built without it says so, in its tag and once in the log of the build.

All else about the package is in pyproject.toml.
"""

from pathlib import Path

from setuptools import setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_ext import build_ext

WITHOUT = (
    "perceptron-annotations is built without its compiled scanner, because the C compiler failed (see above): "
    "everything works, but answers are read many times more slowly"
)


class BuildScanner(build_ext):
    """Forget the extensions that could not be compiled, so that no file and no tag promises them."""

    def run(self):
        super().run()
        built = [each for each in self.extensions if Path(self.get_ext_fullpath(each.name)).exists()]
        if len(built) < len(self.extensions):
            self.warn(WITHOUT)
            self.extensions = self.distribution.ext_modules = built


class Wheel(bdist_wheel):
    """A wheel for this system if it holds the extension, and for every system otherwise."""

    def run(self):
        self.run_command("build")
        if not self.distribution.has_ext_modules():
            self.root_is_pure = True
            self.py_limited_api = False
        super().run()


setup(cmdclass={"build_ext": BuildScanner, "bdist_wheel": Wheel})
