/** The words for the items of a signal in log messages. */
export interface Wording {
	one: string;
	many: string;
	/** What creates the items. */
	source: string;
	/** What happens to the items while the collector is unavailable. */
	meanwhile: string;
	/** What to do if there are more items than the collector accepts. */
	remedy: string;
	/** What is wrong with an item that cannot be encoded. */
	malformed: string;
}
