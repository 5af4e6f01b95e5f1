/** The parts of the page of the database, in one chunk. */
export { default as ExportButton } from './ExportButton.svelte';
export { default as Workbench } from './Workbench.svelte';
