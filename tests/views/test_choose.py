"""Views from names and settings."""

import pytest

from featevo.views.choose import planned_views
from featevo.views.classes import Classes
from featevo.views.inversion import Inversion
from featevo.visualize import Regularizer

COMMON = {
    "steps": 4,
    "step_size": None,
    "first_step": 1.0,
    "seed": 3,
    "chunk_size": None,
    "regularizer": Regularizer.named("paper"),
    "examples": None,
    "objective": "logit",
    "start": "noise",
}


class Mine:
    name = "mine"
    goes_on = False

    def check(self, network):
        pass

    def units(self, network, context):
        return [0]

    def steps(self, units):
        return 0

    def draw(self, network, units, context):
        return []


@pytest.mark.parametrize("views", ["classes", ["classes"], {"classes": {}, "other": None}])
def test_the_classes_alone(views):
    (planned,) = planned_views(views, COMMON)
    settings = {key: COMMON[key] for key in COMMON if key not in ("objective", "start")}
    assert planned.view == Classes("logit", "noise", settings)
    assert planned.trigger is None


def test_own_settings_come_before_the_common_ones():
    own = {"steps": 9, "regularizer": "clear", "start": "mean", "trigger": "every_n", "every_n": 2, "view": "classes"}
    first, second = planned_views({"classes": {}, "fine": own}, COMMON)
    assert isinstance(second.view, Classes)
    assert (second.view.name, second.trigger, second.every_n) == ("fine", "every_n", 2)
    assert (second.view.start, second.view.settings["steps"], second.view.settings["seed"]) == ("mean", 9, 3)
    assert second.view.settings["regularizer"] == Regularizer.named("clear")
    assert isinstance(first.view, Classes)
    assert first.view.settings["steps"] == 4


def test_inversion_has_its_own_steps():
    (planned,) = planned_views("inversion", {**COMMON, "first_step": 4.0})
    assert isinstance(planned.view, Inversion)
    assert (planned.view.settings["steps"], planned.view.settings["first_step"]) == (128, 1.0)


def test_a_view_may_be_an_object():
    mine = Mine()
    (alone,) = planned_views({"mine": mine}, COMMON)
    (timed,) = planned_views({"mine": {"view": mine, "trigger": "every_epoch"}}, COMMON)
    assert alone.view is timed.view is mine
    assert (alone.trigger, timed.trigger) == (None, "every_epoch")


@pytest.mark.parametrize(
    ("views", "message"),
    [
        ("clases", "views.clases: there is no view 'clases'; there are classes"),
        (["classes", "classes"], "views: classes is named twice"),
        ([], "views: name at least one of classes"),
        ({"classes": None}, "views: name at least one of classes"),
        ({"../x": {"view": "classes"}}, r"'\.\./x' is no name of a view"),
        ({"classes": {"stebs": 3}}, "views.classes.stebs: no such setting; there are trigger, every_n, .*steps"),
        ({"classes": {"steps": "many"}}, "views.classes.steps=many: Expected `int`, got `str`"),
        ({"classes": {"steps": 1.5}}, "views.classes.steps=1.5: Expected `int`, got `float`"),
        ({"classes": {"every_n": "two"}}, "views.classes.every_n=two: Expected `int`"),
        ({"classes": {"regularizer": "clean"}}, "regularizer='clean' is not known"),
        ({"yours": Mine()}, "views.yours: the name of this view is 'mine'"),
        ({"mine": {"view": Mine(), "steps": 3}}, "views.mine.steps: a view that is given as an object"),
        (3, "views=3: give a name"),
    ],
)
def test_mistakes_are_named(views, message):
    with pytest.raises(ValueError, match=message):
        planned_views(views, COMMON)
