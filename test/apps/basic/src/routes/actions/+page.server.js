export const actions = {
	default: async ({ request }) => {
		const form = await request.formData();
		return { received: form.get('text') };
	}
};
