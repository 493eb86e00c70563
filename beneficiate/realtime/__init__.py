"""Who is listening: topics, sessions and the bus between processes. It moves text and never sees a model."""
