import { mount } from 'svelte';
import type { TabchainApi } from '../node/api.ts';
import AppView from './App.svelte';
import { App } from './state/app.svelte.ts';
import './tokens.css';
import './base.css';

/** Shows the whole interface of the node behind `api` inside `target`. */
export function mountApp(target: HTMLElement, api: TabchainApi): void {
  mount(AppView, { target, props: { app: new App(api) } });
}
