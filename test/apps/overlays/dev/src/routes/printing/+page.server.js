/** Prints through the console, as an app does while it is written. */
export function load({ url }) {
	console.log('looking for %s', url.searchParams.get('for') ?? 'nothing', { of: 'the shop' });
	console.warn('nearly sold out');
	console.error(new Error('printed and not thrown'));
}
