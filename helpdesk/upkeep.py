"""What an operator does beside the worker, connected: look whether mail flows, take in what was missed, back up and restore.

Decides nothing; `bootstrap` connects the worker itself.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace as changed
from functools import partial
from pathlib import Path

from helpdesk.bootstrap import Application, build_desk, check_configuration, open_application
from helpdesk.clock import SystemClock
from helpdesk.errors import DatabaseUnavailable
from helpdesk.jobs.doctor import Doctor, Examination, Finding, Surroundings, examine_problems
from helpdesk.jobs.import_mail import Imported, Importer, Progress
from helpdesk.jobs.restored import Restored, Restoring, moved_in_words
from helpdesk.mail.mailbox import ImapFolder, probe_mailbox, sent_folder_of
from helpdesk.mail.smtp import probe_transport
from helpdesk.model.policy import FolderPolicy
from helpdesk.settings import Settings, load_settings
from helpdesk.store.backup import Backup, make_backup
from helpdesk.store.checked_copy import prepared
from helpdesk.store.database import folder_of, living_workers, open_database
from helpdesk.store.restore import put_in_place, refuse_place

# Where `check_configuration` says that a problem is the database's.
DATABASE = "database"


def examine(directory: Path, environ: Mapping[str, str]) -> Examination:
    """Is mail flowing? First what can be said without servers, and then, if that is sound, all the rest."""
    problems = check_configuration(directory, environ, online=False)
    offline = examine_problems([each for each in problems if each.where != DATABASE])
    away = [_database_finding(each.what) for each in problems if each.where == DATABASE]
    if offline.findings or away:
        return Examination((*offline.findings, *away), offline.seen)
    try:
        with open_application(directory, environ) as application:
            found = _examine(application)
    except DatabaseUnavailable as error:
        return Examination((_database_finding(str(error)),), offline.seen)
    return Examination(found.findings, (*offline.seen, *found.seen))


def import_mail(
    application: Application, folder: str | None, progress: Progress, stopping: Callable[[], bool]
) -> list[Imported]:
    """Take in what the polled folders hold and no poll took in, or what lies in another folder; nobody is answered."""
    polled = [ingest for ingest in application.ingests if folder in (None, ingest.policy.folder)]
    if polled:
        return [Importer(changed(ingest, stopping=stopping), progress).import_missing() for ingest in polled]
    started, policy = application.ingests[0], FolderPolicy(folder or "")
    with closing(ImapFolder(application.settings.imap, policy, started.clock)) as opened:
        other = changed(started, policy=policy, folder=opened, stopping=stopping)
        return [Importer(other, progress).import_folder(started)]


def back_up(directory: Path, environ: Mapping[str, str], target: Path) -> Backup:
    """A consistent copy of the configured database, while workers go on; raises HelpdeskError."""
    return make_backup(load_settings(directory, environ).database_url, target, SystemClock().now())


def restore(directory: Path, environ: Mapping[str, str], backup: Path, *, replace: bool) -> Restored:
    """Put a backup in the place of the configured database, so marked that nobody is answered twice; raises HelpdeskError."""
    settings, clock = load_settings(directory, environ), SystemClock()
    refuse_place(settings.database_url, replace=replace)
    with prepared(backup, settings.database_url, settings.secret_key) as copy:
        with closing(open_database(copy.url, settings.secret_key)) as database:
            restoring = Restoring(build_desk(settings.desk, clock), database, clock, settings.desk.folders)
            held = restoring.mark(copy.made_at)
        kept = put_in_place(copy, settings.database_url, clock.now(), replace=replace)
    # Only now is it so: the place may have been refused to the end.
    restoring.log.info("restored", held=held)
    return Restored(copy.made_at, copy.messages, copy.tickets, held, kept, moved_in_words(settings.desk.folders))


def _examine(application: Application) -> Examination:
    settings = application.settings
    around = Surroundings(
        worker_runs=living_workers(settings.database_url) > 0,
        free_space=_free_space(settings.database_url),
        try_sending=lambda: probe_transport(settings.smtp),
        certificate_of=lambda ingest: getattr(ingest.folder, "certificate_ends_at", None),
        sent_folder=partial(_sent_folder, settings),
    )
    return Doctor(application.store, application.actions.clock, application.ingests, around, settings.desk.watch).examine()


def _sent_folder(settings: Settings) -> str | None:
    """The folder of sent mail, looked into; raises MailboxUnavailable."""
    policy = settings.desk.staff_mail
    if not policy.read_sent:
        return None
    name = sent_folder_of(settings.imap, policy.sent_folder)
    if name:
        probe_mailbox(settings.imap, [name])
    return name


def _database_finding(words: str) -> Finding:
    """What is wrong with the database; `words` say what, and what to do."""
    mail = "New mail stays in the mailbox, and nobody is answered as long as a worker can't use the database."
    return Finding(DATABASE, "The database can't be used.", mail, words)


def _free_space(url: str) -> int | None:
    """Bytes on the disk that holds the database; None where that is another machine's."""
    folder = folder_of(url)
    return shutil.disk_usage(folder).free if folder else None
