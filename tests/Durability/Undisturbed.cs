using System.Collections.Concurrent;
using System.Text.Json;
using FaultHost;
using Workflow.Ledger;
using Workflow.Runs;

namespace Durability;

/// <summary>What a job publishes where nothing disturbs it: computed once for each job, whatever folder its corpus lies in.</summary>
static class Undisturbed
{
    static readonly ConcurrentDictionary<string, Lazy<Task<Dictionary<string, string>>>> Known = new(StringComparer.Ordinal);

    /// <summary>Artifact ids by <c>node.slot</c>.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> OfAsync(FakeJob job, CancellationToken cancellationToken) =>
        await Known.GetOrAdd(JsonSerializer.Serialize(job with { Root = "" }), _ => new(() => RunAsync(job))).Value.WaitAsync(cancellationToken);

    static async Task<Dictionary<string, string>> RunAsync(FakeJob job)
    {
        using var scratch = new Scratch();
        Corpus.Write(scratch.Corpus);
        var outcome = await new RunService(scratch.Home, Settings.Options()).RunAsync((job with { Root = scratch.Corpus }).Spec(), new RunRequest("test"), SilentObserver.Instance, CancellationToken.None);
        if (!outcome.Succeeded)
        {
            throw new InvalidOperationException($"The undisturbed run ended {outcome.State}: {outcome.Error}");
        }

        using var ledger = LedgerDb.OpenRead(scratch.Home.Ledger, TimeProvider.System);
        return Oracle.Outputs(ledger, outcome.RunId);
    }
}
