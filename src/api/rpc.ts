import { fromWireError, TabchainError, toWireError, type WireError } from '../util/errors.ts';

/** The part of Worker, MessagePort and DedicatedWorkerGlobalScope that this file uses. */
export interface MessageEndpoint {
  postMessage(message: unknown, transfer?: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
}

type CallMessage = { rpc: 'call'; id: number; method: string; args: unknown[] };
type ResultMessage = { rpc: 'result'; id: number; value?: unknown; error?: WireError };
type NoteMessage = { rpc: 'note'; note: unknown };
type RpcMessage = CallMessage | ResultMessage | NoteMessage;

/** Methods by name, all asynchronous. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the shape of any typed interface of async methods
export type Service<T> = { [K in keyof T]: (...args: any[]) => Promise<unknown> };

function isRpc(data: unknown): data is RpcMessage {
  return typeof data === 'object' && data !== null && 'rpc' in data;
}

/** The array buffers of a result that can be moved instead of copied: only of a bare Uint8Array that fills its buffer. */
function transferables(value: unknown): Transferable[] {
  return value instanceof Uint8Array && value.byteLength === value.buffer.byteLength ? [value.buffer as ArrayBuffer] : [];
}

/** Serves calls of the other thread; `note` messages go to `onNote`. Errors keep their code. */
export function serve<T extends Service<T>>(endpoint: MessageEndpoint, service: T, onNote: (note: unknown) => void): void {
  const answer = async ({ id, method: name, args }: CallMessage): Promise<void> => {
    try {
      const method = service[name as keyof T];
      if (typeof method !== 'function') throw new TabchainError('internal', `No such method: ${name}`);
      const value = await method.apply(service, args);
      // Inside the try, so an answer that cannot be sent becomes an error for the caller.
      endpoint.postMessage({ rpc: 'result', id, value } satisfies ResultMessage, transferables(value));
    } catch (error) {
      endpoint.postMessage({ rpc: 'result', id, error: toWireError(error) } satisfies ResultMessage);
    }
  };
  endpoint.addEventListener('message', ({ data }) => {
    if (!isRpc(data)) return;
    if (data.rpc === 'call') void answer(data);
    else if (data.rpc === 'note') onNote(data.note);
  });
}

/** A one-way message in either direction, ordered with the calls. */
export function sendNote(endpoint: MessageEndpoint, note: unknown, transfer: Transferable[] = []): void {
  endpoint.postMessage({ rpc: 'note', note } satisfies NoteMessage, transfer);
}

/** The error for arguments that cannot be sent to another thread: functions, promises, elements of the page. */
export function notSendable(method: string, cause: unknown): TabchainError {
  const message = `An argument of ${method}() cannot be sent to the node: plain values only, no functions and no elements of the page.`;
  return new TabchainError('argument-invalid', message, { field: method }, { cause });
}

export interface Remote<T> {
  readonly api: T;
  /** Rejects all pending and later calls, after the worker has died. */
  fail(error: TabchainError): void;
}

/** The calling side: a typed proxy whose methods call {@link serve} on the other thread. */
export function connectRemote<T extends object>(endpoint: MessageEndpoint, onNote: (note: unknown) => void): Remote<T> {
  let nextId = 1;
  let dead: TabchainError | null = null;
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  endpoint.addEventListener('message', ({ data }) => {
    if (!isRpc(data)) return;
    if (data.rpc === 'note') onNote(data.note);
    if (data.rpc !== 'result') return;
    const call = waiting.get(data.id);
    waiting.delete(data.id);
    if (data.error) call?.reject(fromWireError(data.error));
    else call?.resolve(data.value);
  });
  const call = (method: string, args: unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (dead) return reject(dead);
      const id = nextId++;
      try {
        endpoint.postMessage({ rpc: 'call', id, method, args } satisfies CallMessage);
        waiting.set(id, { resolve, reject });
      } catch (error) {
        reject(notSendable(method, error));
      }
    });
  const api = new Proxy({} as T, {
    get: (_target, method) => (typeof method === 'string' && method !== 'then' ? (...args: unknown[]) => call(method, args) : undefined),
  });
  return {
    api,
    fail(error) {
      dead = error;
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    },
  };
}
