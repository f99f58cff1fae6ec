"""Other frameworks' components on top of polychat: `haystack` and `langchain`, an extra each."""
