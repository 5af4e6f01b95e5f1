/** The node waits at most this long for the answer before it makes links; most hosts answer within a round trip. */
const ANSWER_MS = 1_000;

/** More texts of one kind than any host should offer; their readers check each text. */
const MAX_TEXTS = 16;

/** What the host of the page answers in `links.json`, unchecked; nothing without an answer. */
export interface HostLinks {
  /** The addresses of the page for other devices. */
  readonly lan: readonly string[];
  /** STUN and TURN servers. */
  readonly iceServers: readonly string[];
}

/** Asks the host of the page. Once for each load of the page is enough. */
export async function askHostLinks(): Promise<HostLinks> {
  try {
    const { lan, iceServers } = (await (await fetch('links.json')).json()) as Record<keyof HostLinks, unknown>;
    return { lan: textsIn(lan), iceServers: textsIn(iceServers) };
  } catch {
    // The page came from a cache, or from a host without the file.
    return { lan: [], iceServers: [] };
  }
}

/** The STUN and TURN servers that the host names; none without an answer in time. */
export function iceServersInTime(answer: Promise<HostLinks>): Promise<readonly string[]> {
  const late = new Promise<readonly string[]>((resolve) => setTimeout(() => resolve([]), ANSWER_MS));
  return Promise.race([answer.then(({ iceServers }) => iceServers), late]);
}

function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((text) => typeof text === 'string').slice(0, MAX_TEXTS) : [];
}
