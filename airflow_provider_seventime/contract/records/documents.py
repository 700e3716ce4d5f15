"""Documents: files attached to a record."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, ClassVar

from pydantic import AfterValidator

from airflow_provider_seventime.contract.codes import EntityType
from airflow_provider_seventime.contract.records.base import Record
from airflow_provider_seventime.contract.records.fields import Id, RequiredText, Text, code


def _base64(text: str) -> str:
    try:
        base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("must be the file's content in base64") from error
    return text


class DocumentCreate(Record):
    """POST documents.

    The vendor documents content in base64, an entity type and an entity id, but not the names of these fields. The
    names are an assumption, so other fields are accepted too.
    """

    documented_loosely: ClassVar[bool] = True

    createdByUser: Id | None = None
    entityType: Annotated[EntityType, code(EntityType)]
    entityId: Id
    name: RequiredText
    contentType: Text | None = None
    fileContent: Annotated[RequiredText, AfterValidator(_base64)]
