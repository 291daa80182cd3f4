"""Answers that were seen before what they answer."""

from __future__ import annotations

from datetime import timedelta

from helpdesk.store.database import Database
from helpdesk.store.early_answers import KEPT_FOR
from tests.store.samples import NOW, raw, store_messages

ASKED = "question@example.org"


def test_answer_is_found_by_any_message_that_it_answers_until_it_is_forgotten(database: Database) -> None:
    with database.writing() as uow:
        first, second = (each.id for each in store_messages(uow, raw(1), raw(2)))
        assert uow.early_answers.to(ASKED) == []
        uow.early_answers.add(second, [ASKED, ASKED, "other@example.org"], NOW)
        uow.early_answers.add(first, [ASKED], NOW)
        assert uow.early_answers.to(ASKED) == [first, second]
        assert uow.early_answers.to("other@example.org") == [second]
        assert uow.early_answers.to("unknown@example.org") == []
        assert uow.early_answers.to(None) == []
        uow.early_answers.forget(second)
        assert uow.early_answers.to(ASKED) == [first]
        assert uow.early_answers.to("other@example.org") == []
        uow.commit()


def test_answer_to_what_never_came_is_forgotten_in_time(database: Database) -> None:
    with database.writing() as uow:
        first, second = (each.id for each in store_messages(uow, raw(1), raw(2)))
        uow.early_answers.add(first, [ASKED], NOW)
        uow.early_answers.add(second, [], NOW + KEPT_FOR)
        assert uow.early_answers.to(ASKED) == [first]
        uow.early_answers.add(second, [], NOW + KEPT_FOR + timedelta(seconds=1))
        assert uow.early_answers.to(ASKED) == []
