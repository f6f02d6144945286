/** The two ways to expand a forward graph into a training iteration (MODEL.md §5). */

/** `exact`: what the mathematics needs. `published`: what the paper's runs did, their oddities included. */
export const EXPANSIONS = ['exact', 'published'] as const;
export type Expansion = (typeof EXPANSIONS)[number];
