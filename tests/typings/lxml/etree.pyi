from typing import Any

class LxmlError(Exception): ...
class XMLSyntaxError(LxmlError, SyntaxError): ...

class XMLParser:
    def __init__(
        self,
        *,
        target: Any = ...,
        resolve_entities: bool = ...,
        no_network: bool = ...,
        load_dtd: bool = ...,
        dtd_validation: bool = ...,
        huge_tree: bool = ...,
    ) -> None: ...
    def feed(self, data: bytes) -> None: ...
    def close(self) -> Any: ...
