import { readFileSync } from 'node:fs';

/** A panel of the dashboard in the manual. */
export interface DashboardPanel {
	title: string;
	/** The unit in Grafana's terms. */
	unit: string;
	/** As Grafana sends them. */
	queries: string[];
}

/**
 * Reads `docs/grafana/sveltekit.json`.
 *
 * @param job what is selected; undefined for all jobs
 */
export function readDashboard(job?: string): DashboardPanel[] {
	const { panels, templating } = JSON.parse(
		readFileSync(new URL('../../docs/grafana/sveltekit.json', import.meta.url), 'utf8')
	) as {
		templating: { list: { name: string; allValue?: string }[] };
		panels: { title: string; fieldConfig: { defaults: { unit: string } }; targets: { expr: string }[] }[];
	};
	const { allValue = '' } = templating.list.find(({ name }) => name === 'job')!;
	return panels.map(({ title, fieldConfig, targets }) => ({
		title,
		unit: fieldConfig.defaults.unit,
		queries: targets.map(({ expr }) => expr.replaceAll('$job', job ?? allValue))
	}));
}
