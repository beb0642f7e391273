"""What of pycurl 7.49 is used (fetch/transport.py, benchmarks/exchanges.py)."""

from typing import Any, Final

class error(Exception): ...

def version_info() -> tuple[Any, ...]: ...

class Curl:
    def setopt(self, option: int, value: Any) -> None: ...
    def getinfo(self, info: int) -> Any: ...
    def close(self) -> None: ...

class CurlShare:
    def setopt(self, option: int, value: Any) -> None: ...

class CurlMulti:
    def setopt(self, option: int, value: Any) -> None: ...
    def add_handle(self, handle: Curl) -> None: ...
    def remove_handle(self, handle: Curl) -> None: ...
    def socket_action(self, descriptor: int, events: int) -> tuple[int, int]: ...
    def perform(self) -> tuple[int, int]: ...
    def select(self, timeout: float) -> int: ...
    @property
    def closed(self) -> bool: ...
    def info_read(self) -> tuple[int, list[Curl], list[tuple[Curl, int, str]]]: ...
    def close(self) -> None: ...

BUFFERSIZE: Final[int]
CAINFO: Final[int]
CAPATH: Final[int]
CONNECTTIMEOUT_MS: Final[int]
CSELECT_ERR: Final[int]
CSELECT_IN: Final[int]
CSELECT_OUT: Final[int]
CURL_HTTP_VERSION_1_1: Final[int]
ENCODING: Final[int]
E_BAD_CONTENT_ENCODING: Final[int]
E_COULDNT_CONNECT: Final[int]
E_FTP_WEIRD_SERVER_REPLY: Final[int]
E_PARTIAL_FILE: Final[int]
E_PEER_FAILED_VERIFICATION: Final[int]
E_RECV_ERROR: Final[int]
E_SSL_CIPHER: Final[int]
E_SSL_CONNECT_ERROR: Final[int]
E_SSL_ISSUER_ERROR: Final[int]
E_UNSUPPORTED_PROTOCOL: Final[int]
FRESH_CONNECT: Final[int]
HEADERFUNCTION: Final[int]
HTTPHEADER: Final[int]
HTTP_CONNECTCODE: Final[int]
HTTP_VERSION: Final[int]
LOCK_DATA_DNS: Final[int]
MAXAGE_CONN: Final[int]
M_MAXCONNECTS: Final[int]
M_SOCKETFUNCTION: Final[int]
M_TIMERFUNCTION: Final[int]
NOPROXY: Final[int]
NOSIGNAL: Final[int]
OPENSOCKETFUNCTION: Final[int]
POLL_IN: Final[int]
POLL_INOUT: Final[int]
POLL_NONE: Final[int]
POLL_OUT: Final[int]
POLL_REMOVE: Final[int]
POSTFIELDS: Final[int]
PREREQFUNCTION: Final[int]
PREREQFUNC_OK: Final[int]
PROTOCOLS: Final[int]
PROTO_HTTP: Final[int]
PROTO_HTTPS: Final[int]
PROXY: Final[int]
PROXYHEADER: Final[int]
REQUEST_TARGET: Final[int]
RESOLVE: Final[int]
RESPONSE_CODE: Final[int]
SHARE: Final[int]
SH_SHARE: Final[int]
SOCKET_BAD: Final[int]
SOCKET_TIMEOUT: Final[int]
SSLVERSION: Final[int]
SSLVERSION_TLSv1_2: Final[int]
SSL_EC_CURVES: Final[int]
URL: Final[int]
WRITEFUNCTION: Final[int]
