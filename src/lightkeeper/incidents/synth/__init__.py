"""Streams of reports with known truth, for measuring how well events are told apart."""

from lightkeeper.incidents.synth.generate import generate
from lightkeeper.incidents.synth.model import SynthOptions, SynthPost, SynthStream

__all__ = ["SynthOptions", "SynthPost", "SynthStream", "generate"]
