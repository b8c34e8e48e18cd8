using System.Text.Json;
using Microsoft.Playwright;
using Xunit;

namespace Workflow.Tests.Dashboard;

/// <summary>axe-core's rules for accessible pages, run in the page itself.</summary>
static class Axe
{
    /// <summary>Fails with the rule, the element and its help where axe finds something serious or critical; skips where the package is not installed.</summary>
    public static async Task AssertNothingSeriousAsync(IPage page)
    {
        var script = Path.Combine(RepositoryFiles.Root, "node_modules", "axe-core", "axe.min.js");
        if (!File.Exists(script))
        {
            Assert.Skip($"needs axe-core: {script} is missing (npm ci)");
        }

        // Evaluated through the debugger: the page's own policy lets no foreign script in.
        await page.EvaluateAsync(await File.ReadAllTextAsync(script, TestContext.Current.CancellationToken));
        var found = await page.EvaluateAsync<JsonElement>("async () => (await axe.run(document, { resultTypes: ['violations'] })).violations"
            + ".filter(v => v.impact === 'serious' || v.impact === 'critical').map(v => `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map(n => n.target.join(' ') + ' ' + (n.any[0]?.message ?? '')).join(' | ')}`)");
        Assert.True(found.GetArrayLength() == 0, $"{page.Url}\n{string.Join('\n', found.EnumerateArray().Select(f => f.GetString()))}");
    }
}
