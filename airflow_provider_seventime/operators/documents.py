"""Operator that uploads a document to a record."""

from __future__ import annotations

import base64
import mimetypes
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import BaseOperator

from airflow_provider_seventime.exceptions import ConfigError, InvalidRecordError
from airflow_provider_seventime.hooks.extra_links import ApiDocumentationLink
from airflow_provider_seventime.hooks.parameter_types import refuse_wrong_types
from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.hooks.seventime_task import SevenTimeTask
from airflow_provider_seventime.hooks.task_errors import permanent_failures_end_the_task
from airflow_provider_seventime.operators.task_write_log import open_write_log, prior_attempts_of
from airflow_provider_seventime.templates import require_rendered

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context, ObjectStoragePath

    from airflow_provider_seventime.api.client import SevenTimeClient

RESOURCE = "documents"
UNKNOWN_CONTENT = "application/octet-stream"
DEFAULT_MAX_SIZE_BYTES = 10 * 1024 * 1024
BYTES_PER_MEGABYTE = 1024 * 1024

# Python's built-in table lacks these. The tables of the operating system differ between workers, so they are not used.
MORE_CONTENT_TYPES = {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".msg": "application/vnd.ms-outlook",
    ".webp": "image/webp",
}
ENCODED_CONTENT_TYPES = {"gzip": "application/gzip", "bzip2": "application/x-bzip2", "xz": "application/x-xz"}


class UploadDocumentOperator(SevenTimeTask, BaseOperator):
    """Upload a file from any object storage as a document of a record.

    ::

        UploadDocumentOperator(
            task_id="protocol", path="s3://aws_default@protocols/4711.pdf", entity_type="work_order", entity_id=...
        )

    The API cannot list documents, so the task cannot search for an upload: a lost response ends it with an
    AmbiguousWriteError. On Airflow 3.3 and later the task instance notes what it sent. A killed worker or a cleared
    task then does not upload the same file again; before 3.3 both do.

    The vendor does not document the names of a document's fields. The operator sends ``entityType``, ``entityId``,
    ``name``, ``contentType`` and ``fileContent`` (base64).

    Returned to XCom: ``_id``, ``name``, ``content_type`` and ``size_bytes``.

    :param path: the file: a URL of any object storage, or an absolute local path (templated).
    :param entity_type: kind of the record, by name or code, for example ``work_order``, ``invoice`` or ``200``
        (templated). The names are those of :class:`~airflow_provider_seventime.contract.codes.EntityType`.
    :param entity_id: the record's ``_id`` (templated).
    :param name: name of the document in Seven Time (templated). None: the file's own name.
    :param content_type: its MIME type (templated). None: by the extension of the document's name, then of the file's
        name, then ``application/octet-stream``.
    :param max_size_bytes: the largest file; a larger one is refused before it is read. The operator holds the file in
        memory, and base64 adds a third. The API's own limit is not documented. Defaults to 10 MiB.
    :param seventime_conn_id: the Airflow connection. Defaults to ``seventime_default``.
    """

    template_fields: Sequence[str] = ("path", "entity_type", "entity_id", "name", "content_type", "seventime_conn_id")
    operator_extra_links = (ApiDocumentationLink(),)

    def __init__(
        self,
        *,
        path: str,
        entity_type: str | int,
        entity_id: str,
        name: str | None = None,
        content_type: str | None = None,
        max_size_bytes: int = DEFAULT_MAX_SIZE_BYTES,
        seventime_conn_id: str = SevenTimeHook.default_conn_name,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.path = path
        self.entity_type = entity_type
        self.entity_id = entity_id
        self.name = name
        self.content_type = content_type
        self.max_size_bytes = max_size_bytes
        self.seventime_conn_id = seventime_conn_id
        refuse_wrong_types(self)

    def execute(self, context: Context) -> dict[str, Any]:
        """Read the file and upload it.

        :raises PermanentTaskError: the file is missing, empty or too large, a parameter, the connection or the key is
            wrong, or the response was lost.
        :raises SevenTimeError: a transient failure, also of the storage; nothing was uploaded.
        """
        from airflow_provider_seventime.transfers.export.atomic_write import target_path

        with permanent_failures_end_the_task(), self._open_client() as client:
            self._show_links(context, client, RESOURCE)
            source = target_path(self.path)
            content = read_document(source, self.max_size_bytes)
            name = self._name(source)
            content_type = self._content_type(name, source)
            document = {
                "entityType": self.entity_type,
                "entityId": self.entity_id,
                "name": name,
                "contentType": content_type,
                "fileContent": base64.b64encode(content).decode("ascii"),
            }
            document_id = self._upload(client, document, context)
        size_bytes = len(content)
        self.log.info("%s (%s, %d bytes) uploaded as documents %s", name, content_type, size_bytes, document_id)
        return {"_id": document_id, "name": name, "content_type": content_type, "size_bytes": size_bytes}

    def _instance_name(self) -> str:
        name = self.name if self.name is not None else PurePosixPath(str(self.path)).name
        return f"{self.entity_type} {self.entity_id}, file {name}"

    def _upload(self, client: SevenTimeClient, document: Mapping[str, Any], context: Context) -> str:
        write_log = open_write_log(context, RESOURCE, [str(part) for part in document.values()])
        if write_log.created_id is not None:
            self.log.info("An earlier try uploaded the document already")
            return write_log.created_id
        result = client.create_or_find(
            RESOURCE,
            document,
            reference=None,
            prior_attempts=prior_attempts_of(context, write_log, own_reference=True, has_key=False),
            write_log=write_log,
        )
        document_id = str(result.record["_id"])
        write_log.write_finished(document_id)
        return document_id

    def _name(self, source: ObjectStoragePath) -> str:
        if self.name is None:
            return source.name
        require_rendered("name", self.name)
        return str(self.name).strip()

    def _content_type(self, name: str, source: ObjectStoragePath) -> str:
        if self.content_type is None:
            return content_type_of(name, source.name)
        given = str(self.content_type).strip()
        if "/" not in given:
            raise ConfigError(f"content_type: {given!r} is not a MIME type. Give one such as application/pdf")
        return given


def read_document(source: ObjectStoragePath, max_size_bytes: int) -> bytes:
    """Return the content of a file. The size is checked first.

    :param source: the file.
    :param max_size_bytes: the largest size.
    :raises ConfigError: the largest size is not a number above 0, or the storage refuses the file.
    :raises InvalidRecordError: the file is missing, empty or too large.
    :raises WarehouseError: the storage does not answer; a later try may read the file.
    """
    from airflow_provider_seventime.transfers.export.storage_errors import storage_errors

    if not isinstance(max_size_bytes, int) or max_size_bytes < 1:
        raise ConfigError(f"max_size_bytes: {max_size_bytes!r} is not a number of bytes above 0")
    # Through the file system, because the methods of paths differ between versions of the library.
    storage, path = source.fs, source.path
    with storage_errors(f"path: {source}", "cannot be read", reading=True):
        try:
            described = storage.info(path)
        except FileNotFoundError as error:
            problem = "the file does not exist; check the path, or wait for the file with a sensor"
            raise _refused(source, problem) from error
        if described.get("type") == "directory":
            raise _refused(source, "is a folder; give the path of a file")
        size = described.get("size")
        if size is not None and size > max_size_bytes:
            raise _refused(source, too_large(size, max_size_bytes))
        with storage.open(path, "rb") as file:
            content: bytes = file.read(max_size_bytes + 1)  # some storages do not give the size beforehand
    if len(content) > max_size_bytes:
        raise _refused(source, too_large(None, max_size_bytes))
    if not content:
        raise _refused(source, "is empty")
    return content


def too_large(size_bytes: int | None, max_size_bytes: int) -> str:
    """Return the message for a file that is too large. ``size_bytes`` is None if the storage does not give it."""
    size = "larger than the limit" if size_bytes is None else f"{size_bytes} bytes ({_megabytes(size_bytes)})"
    limit = f"max_size_bytes is {max_size_bytes} ({_megabytes(max_size_bytes)})"
    return f"is {size}, and {limit}; make the file smaller or raise the limit"


def _megabytes(size_bytes: int) -> str:
    return f"{size_bytes / BYTES_PER_MEGABYTE:.1f} MiB"


def _refused(source: ObjectStoragePath, problem: str) -> InvalidRecordError:
    return InvalidRecordError(f"{RESOURCE}: create", [f"path: {source}: {problem}"])


def content_type_of(*names: str) -> str:
    """Return the MIME type of the first name with a known extension, the same on every machine."""
    known = mimetypes.MimeTypes()
    for ending, content_type in MORE_CONTENT_TYPES.items():
        known.add_type(content_type, ending)
    for name in names:
        # Only the extensions, because the function parses its argument as a URL.
        guessed, encoding = known.guess_type("document" + "".join(PurePosixPath(name).suffixes[-2:]))
        if encoding is not None:
            return ENCODED_CONTENT_TYPES.get(encoding, UNKNOWN_CONTENT)
        if guessed is not None:
            return guessed
    return UNKNOWN_CONTENT
