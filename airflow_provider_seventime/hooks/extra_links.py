"""Links of a task in Airflow's web page: to its record in Seven Time, and to the vendor's documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import BaseOperatorLink

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import BaseOperator


class TaskLink(BaseOperatorLink):
    """Link whose address the task has stored in XCom under the link's key.

    Airflow 2.11 asks for the address in the webserver. Airflow 3 asks in the worker at the end of the task, and stores
    it under the same key again.
    """

    @property
    def xcom_key(self) -> str:
        """The key of the address in XCom."""
        return f"_link_seventime_{type(self).__name__}"

    def get_link(self, operator: BaseOperator, *, ti_key: Any) -> str:
        """Return the address, or an empty text if there is none.

        :param operator: the task.
        :param ti_key: the task instance, or its key.
        """
        from airflow.providers.common.compat.sdk import XCom

        links: dict[str, str] | None = getattr(operator, "shown_links", None)
        if links is not None:
            return links.get(self.xcom_key, "")
        # In the webserver, and in a task that continues after it was deferred.
        return XCom.get_value(ti_key=ti_key, key=self.xcom_key) or ""


class RecordLink(TaskLink):
    """Link to the task's record in Seven Time, by the connection's extra ``web_url``."""

    name = "Open in Seven Time"


class ApiDocumentationLink(TaskLink):
    """Link to the collection's chapter of the vendor's documentation."""

    name = "API documentation"
