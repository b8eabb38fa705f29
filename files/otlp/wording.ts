/** The words for the items of a signal in log messages. */
export interface Wording {
	one: string;
	many: string;
	/** Only of a signal whose items wait in a queue: the maximum number of them. */
	maxQueueSize?: number;
	/** And what to do if there are more than the collector accepts. */
	remedy?: string;
	/** Only of a signal without a queue: what happens while the collector is unavailable. */
	meanwhile?: string;
	/** Only of a signal whose items are encoded one by one: what creates them. */
	source?: string;
	/** And what is wrong with one that cannot be encoded. */
	malformed?: string;
}
