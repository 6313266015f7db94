// As much of RFC 6455 as a watcher needs: the handshake, text messages, pings, the end.
import { randomBytes } from "node:crypto";
import { request } from "node:http";

const opcodes = { text: 1, close: 8, ping: 9, pong: 10 };

/**
 * Opens a WebSocket. `onMessage(text)`, `onEnd()` once. Gives {send(text), end()}; rejects when the
 * handshake is refused or takes longer than `limitMs`.
 */
export function openSocket(url, { headers, limitMs, onMessage, onEnd }) {
  return new Promise((opened, failed) => {
    const call = request(url, {
      agent: false,
      headers: {
        ...headers,
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": randomBytes(16).toString("base64"),
      },
    });
    const limit = setTimeout(() => call.destroy(new Error("no handshake in time")), limitMs);
    call.on("error", (error) => {
      clearTimeout(limit);
      failed(error);
    });
    call.on("response", (response) => {
      clearTimeout(limit);
      response.resume();
      failed(new Error(`the handshake was answered ${response.statusCode}`));
    });
    call.on("upgrade", (_response, socket, head) => {
      clearTimeout(limit);
      opened(speak(socket, head, onMessage, onEnd));
    });
    call.end();
  });
}

function speak(socket, head, onMessage, onEnd) {
  let unread = head;
  const take = (bytes) => {
    unread = Buffer.concat([unread, bytes]);
    for (let frame; (frame = frameAt(unread)); unread = unread.subarray(frame.end)) {
      if (frame.opcode === opcodes.text) onMessage(frame.payload.toString("utf8"));
      if (frame.opcode === opcodes.ping) socket.write(frameOf(opcodes.pong, frame.payload));
      if (frame.opcode === opcodes.close) socket.end();
    }
  };
  socket.on("data", take);
  socket.on("error", () => socket.destroy());
  socket.on("close", onEnd);
  take(Buffer.alloc(0));
  return {
    send: (text) => socket.write(frameOf(opcodes.text, Buffer.from(text))),
    end: () => socket.destroy(),
  };
}

/** A whole frame of a server (which doesn't mask and, here, doesn't fragment), or null. */
function frameAt(bytes) {
  if (bytes.length < 2) return null;
  let length = bytes[1] & 0x7f;
  let start = 2;
  if (length === 126) {
    if (bytes.length < 4) return null;
    length = bytes.readUInt16BE(2);
    start = 4;
  } else if (length === 127) {
    if (bytes.length < 10) return null;
    length = Number(bytes.readBigUInt64BE(2));
    start = 10;
  }
  const end = start + length;
  if (bytes.length < end) return null;
  return { opcode: bytes[0] & 0x0f, payload: bytes.subarray(start, end), end };
}

/** A client's frame is masked. */
function frameOf(opcode, payload) {
  const mask = randomBytes(4);
  const masked = Buffer.from(payload.map((byte, at) => byte ^ mask[at & 3]));
  const length =
    payload.length < 126
      ? [0x80 | payload.length]
      : [0x80 | 126, payload.length >> 8, payload.length & 0xff];
  return Buffer.concat([Buffer.from([0x80 | opcode, ...length]), mask, masked]);
}
