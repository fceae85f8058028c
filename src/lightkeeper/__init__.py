"""Lightkeeper: from reports of an attack on an energy system to a trusted picture and to action.

The data goes one way, and the packages are that way:
grid, region, reports, claims, incidents, damage, flow, consequences, plans, notices.
"""

from importlib.metadata import version

__version__ = version("lightkeeper")

__all__ = ["__version__"]
