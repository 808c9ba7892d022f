"""Some images of each class: which, how many, and how many are read for them."""

from collections import Counter

from featevo.data.of_each_class import of_each_class


def read_from(labels):
    seen = []

    def read(place):
        seen.append(place)
        return place, labels[place]

    return read, seen


def test_there_are_so_many_of_each_class_and_always_the_same():
    labels = [0] * 30 + [1] * 30 + [2] * 30
    read, seen = read_from(labels)
    found = of_each_class(read, 90, 3, 4, 20)
    assert Counter(label for _, label in found) == {0: 4, 1: 4, 2: 4}
    assert all(labels[place] == label for place, label in found)
    assert found == of_each_class(read_from(labels)[0], 90, 3, 4, 20)
    assert len(seen) < 90  # it ends when there are enough


def test_a_rare_class_ends_the_search():
    read, seen = read_from([0] * 999 + [1])
    found = of_each_class(read, 1000, 2, 5, 4)
    assert len(seen) == 4 * 10
    assert Counter(label for _, label in found)[0] == 5
