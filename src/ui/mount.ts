import { mount } from 'svelte';
import type { TabchainApi } from '../api/api.ts';
import AppView from './App.svelte';
import { App, type AppStart } from './state/app.svelte.ts';
import { loadPages } from './routes.ts';
import { surviveTranslation } from './shell/translation.ts';
import './styles/tokens.css';
import './styles/base.css';

/** The node's start comes first. */
const LOAD_AHEAD_MS = 5_000;

/** Shows the whole interface of the node behind `api` inside `target`. */
export function mountApp(target: HTMLElement, api: TabchainApi, start: AppStart): void {
  surviveTranslation(target);
  mount(AppView, { target, props: { app: new App(api, start) } });
  setTimeout(loadPages, LOAD_AHEAD_MS);
}
