/** The words for the items of a signal in log messages. */
export interface Wording {
	one: string;
	many: string;
	/** What happens to the items while the collector is unavailable. */
	meanwhile: string;
	/** What happens to the items of a batch that is not sent again, if it is something else. */
	refused?: string;
	/** Only of a signal whose items wait in a queue: what to do if there are more than the collector accepts. */
	remedy?: string;
	/** Only of a signal whose items are encoded one by one: what creates them. */
	source?: string;
	/** And what is wrong with one that cannot be encoded. */
	malformed?: string;
}
