"""Base of operators and sensors: their names and links in Airflow's web page, and records from files."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from airflow_provider_seventime.hooks.extra_links import ApiDocumentationLink, RecordLink
from airflow_provider_seventime.hooks.instance_names import shortened
from airflow_provider_seventime.hooks.record_files import names_file, read_record_file
from airflow_provider_seventime.hooks.stoppable_task import StoppableTask
from airflow_provider_seventime.hooks.task_errors import permanent_failures_end_the_task

if TYPE_CHECKING:
    import jinja2
    from airflow.providers.common.compat.sdk import BaseOperatorLink, Context

    from airflow_provider_seventime.api.client import SevenTimeClient

# Airflow renders it before the task runs and again after it, when the name may have the number of a new record.
MAP_INDEX_TEMPLATE = "{{ task.instance_name }}"


class SevenTimeTask(StoppableTask):
    """Operator or sensor as Airflow's web page shows it. It has no constructor, as :class:`.StoppableTask`.

    :cvar file_fields: template fields that may be the name of a JSON or YAML file with a record.
    """

    operator_extra_links: Collection[BaseOperatorLink] = (RecordLink(), ApiDocumentationLink())
    file_fields: ClassVar[tuple[str, ...]] = ()

    shown_links: dict[str, str] | None = None
    """XCom key to address of the links that this try shows. None: it has not begun."""

    _outcome_name: str | None = None  # numbers that are known after the task, for its name

    @property
    def instance_name(self) -> str:
        """The name of a mapped instance of the task, on one line. A ``map_index_template`` of the DAG replaces it."""
        return shortened(self._instance_name())

    def _instance_name(self) -> str:
        """Return what the parameters say about the instance. It begins with a word, so that it remains text."""
        raise NotImplementedError

    def _do_render_template_fields(
        self,
        parent: Any,
        template_fields: Iterable[str],
        context: Context,
        jinja_env: jinja2.Environment,
        seen_oids: set[int],
    ) -> None:
        """Render the template fields, then read files of records, and give a mapped instance its name.

        Airflow calls the method for mapped tasks too, and gives it the context from which it renders the name.
        """
        super()._do_render_template_fields(parent, template_fields, context, jinja_env, seen_oids)
        if parent is not self:
            return
        with permanent_failures_end_the_task():
            for field in self.file_fields:
                value = getattr(self, field)
                if names_file(value):
                    record = read_record_file(field, value, jinja_env)
                    setattr(self, field, self.render_template(record, context, jinja_env, seen_oids))
        instance = context.get("ti")
        mapped = instance is not None and instance.map_index is not None and instance.map_index >= 0
        if mapped and context.get("map_index_template") is None:
            context["map_index_template"] = MAP_INDEX_TEMPLATE

    def _show_links(
        self, context: Context, client: SevenTimeClient, resource: str, record_id: object | None = None
    ) -> None:
        """Store the addresses of the task's links in XCom, where the web page finds them while the task runs.

        :param context: the task's context.
        :param client: the connection's client, for its ``web_url``.
        :param resource: the collection.
        :param record_id: the task's record. None: the task has no single record.
        """
        from airflow_provider_seventime.contract.documentation import documentation_url

        links = {ApiDocumentationLink().xcom_key: documentation_url(str(resource))}
        web_url = client.settings.web_url
        if web_url is not None and record_id is not None and str(record_id).strip():
            address = web_url.of(str(resource), str(record_id).strip())
            if address is not None:
                links[RecordLink().xcom_key] = address
        self.shown_links = links
        instance = context.get("ti")
        if instance is not None:
            for key, address in links.items():
                instance.xcom_push(key=key, value=address)
