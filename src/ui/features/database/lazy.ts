/** The page of the database without its frame. A first visit does not need it. */
export const loadWorkbench = () => import('./parts.ts');

/** The editor is by far the largest part, so only somebody who opens the page fetches it. Without it a plain field serves. */
export const loadEditor = () => import('./editor.ts');

export const loadChart = () => import('../../kit/Chart.svelte');
