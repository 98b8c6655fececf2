"""Writes the HTTP exchanges of a session as mitmproxy flows: python3 flows-from-session.py SESSION-FOLDER OUT"""
import base64
import datetime
import json
import os
import sys

from mitmproxy import connection, http, websocket
from mitmproxy.io import FlowWriter
from wsproto.frame_protocol import Opcode


def content(folder, body):
    kind = body["kind"]
    if kind == "text":
        return body["text"].encode()
    if kind == "base64":
        return base64.b64decode(body["base64"])
    if kind == "file":
        with open(os.path.join(folder, body["file"]), "rb") as file:
            file.seek(body.get("offset", 0))
            return file.read(body["stored"])
    return b""


def headers(fields):
    return http.Headers([(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields])


def flow_of(folder, exchange, messages):
    started = datetime.datetime.fromisoformat(exchange["startedAt"].replace("Z", "+00:00")).timestamp()
    ended = started + exchange["duration"] / 1000
    client = connection.Client(("127.0.0.1", exchange["client"]["port"]), ("127.0.0.1", 8080), started)
    request = exchange["request"]
    server = connection.Server((request["url"].split("/")[2], 443))
    flow = http.HTTPFlow(client, server)
    flow.request = http.Request(
        host=request["url"].split("/")[2],
        port=443,
        method=request["method"].encode(),
        scheme=b"https",
        authority=b"",
        path=request["target"].encode("latin-1"),
        http_version=b"HTTP/1.1",
        headers=headers(request["headers"]),
        content=content(folder, request["body"]),
        trailers=None,
        timestamp_start=started,
        timestamp_end=started,
    )
    response = exchange.get("response")
    if response is not None:
        flow.response = http.Response(
            http_version=b"HTTP/1.1",
            status_code=response["status"],
            reason=response["reason"].encode("latin-1"),
            headers=headers(response["headers"]),
            content=content(folder, response["body"]),
            trailers=None,
            timestamp_start=ended,
            timestamp_end=ended,
        )
    if exchange["kind"] == "websocket":
        flow.websocket = websocket.WebSocketData()
        for message in messages:
            flow.websocket.messages.append(
                websocket.WebSocketMessage(
                    Opcode(message["opcode"]), message["direction"] == "send", content(folder, message["body"]), started
                )
            )
    return flow


def main(folder, output):
    messages = {}
    with open(os.path.join(folder, "exchanges.jsonl"), encoding="utf-8") as log, open(output, "wb") as file:
        writer = FlowWriter(file)
        for line in log:
            item = json.loads(line)
            if item["type"] == "websocket-message":
                messages.setdefault(item["exchange"], []).append(item)
            else:
                writer.add(flow_of(folder, item, messages.pop(item["id"], [])))


main(sys.argv[1], sys.argv[2])
