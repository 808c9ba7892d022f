"""The measures of callbacks are those of the command."""

from hydra.utils import instantiate
from omegaconf import OmegaConf

from featevo.app.paths import CONF
from featevo.app.schemas import MeasuresConfig
from featevo.measure.defaults import PICTURES, default_measures
from featevo.measure.subject import OfImages


def test_they_are_those_of_the_configuration_without_the_drift():
    terms = OmegaConf.load(CONF / "measures/default.yaml").terms
    configured = [instantiate(spec) for name, spec in terms.items() if name != "drift"]
    assert [term.measure if isinstance(term, OfImages) else term for term in default_measures()] == configured
    assert MeasuresConfig.pictures == PICTURES
