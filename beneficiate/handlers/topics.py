"""The supervisors' pages of the topics."""

from beneficiate.actions.topics import SaveTopic, save_topic
from beneficiate.errors import Problem
from beneficiate.handlers.administration import AdministrationPage, RowPage
from beneficiate.queries.topics import load_topic, load_topic_list
from beneficiate.views.topics import TOPIC_LABELS, TopicAdministration


class TopicListPage(AdministrationPage):
    """`/supervisor/ajustes/temas`."""

    async def get(self) -> None:
        topics = await self.run_query(load_topic_list, self.filters)
        await self.render_page(TopicAdministration(self.me, topics, None, None, self.done))


class TopicPage(RowPage):
    """`/supervisor/ajustes/temas/:id` and `/supervisor/ajustes/temas/nuevo`."""

    path = "/supervisor/ajustes/temas"

    async def save(self, row_id: int) -> int:
        typed = self.read_typed(TOPIC_LABELS)
        return await self.save_row(row_id, save_topic, SaveTopic(row_id, self.version, typed), typed)

    async def render_row(self, row_id: int, problem: Problem | None) -> None:
        topics = await self.run_query(load_topic_list, self.filters)
        topic, saved = await self.run_query(load_topic, row_id)
        form = self.build_form(saved, TOPIC_LABELS, problem)
        await self.render_page(TopicAdministration(self.me, topics, topic, form, self.done))
