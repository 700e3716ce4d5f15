"""POST requests that do more than create one record: upload a document, start or stop a timer."""
