import { shorten, type Formats } from '../kit/format.ts';
import type { IconName } from '../kit/icons.ts';
import type { Messages } from '../i18n/en/messages.ts';
import { ruleText } from '../features/lab/rule-text.ts';
import type { BellItem } from './bell.svelte.ts';
import type { Tone } from './toasts.svelte.ts';

export interface BellLine {
  tone: Tone;
  icon: IconName;
  text: string;
  /** Route of the details. */
  at: string;
}

/** A line of the bell in the user's language. */
export function bellLine({ event, count }: Pick<BellItem, 'event' | 'count'>, t: Messages, formats: Formats): BellLine {
  switch (event.type) {
    case 'block':
      return { tone: 'good', icon: 'pick', text: t.toast.blocks(count, event.height), at: `/blocks/${event.id}` };
    case 'incoming':
    case 'received': {
      const from = event.from.name ?? shorten(event.from.address);
      const text = (event.type === 'incoming' ? t.bell.incoming : t.toast.received)(formats.coins(event.amount), from);
      return { tone: event.type === 'incoming' ? 'pending' : 'good', icon: 'down', text, at: `/tx/${event.txid}` };
    }
    case 'confirmed':
      return { tone: 'good', icon: 'check', text: t.toast.confirmed(event.height), at: `/tx/${event.txid}` };
    case 'dropped':
      return { tone: 'plain', icon: 'loop', text: t.bell.replaced, at: `/tx/${event.txid}` };
    case 'reorganisation':
      return {
        tone: 'pending',
        icon: 'fork',
        text: (event.team ? t.lab.team.back : t.toast.reorganisation)(event.depth, event.height),
        at: '/forks',
      };
    case 'experiment': {
      const rule = event.code && ruleText(t, event.code);
      const refusal = rule === null ? event.code : `${rule} (${event.code})`;
      return {
        tone: 'plain',
        icon: 'flask',
        text: t.lab.seen(event.by.name ?? shorten(event.by.address), event.kind, refusal),
        at: '/lab/tamper',
      };
    }
  }
}
