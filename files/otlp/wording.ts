/** How messages speak of what a signal exports. */
export interface Wording {
	one: string;
	many: string;
	/** What makes them. */
	source: string;
	/** What becomes of them while the collector takes none. */
	meanwhile: string;
	/** What to do where there are more of them than the collector takes. */
	remedy: string;
	/** What one has wrong that cannot be encoded. */
	malformed: string;
}
