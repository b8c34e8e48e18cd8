using System.Collections.Concurrent;

namespace Workflow.Dashboard.StatePages;

/// <summary>What became of an act on ticked rows.</summary>
/// <param name="Action">requeue, enqueue, delete.</param>
/// <param name="Done">Rows it was done to.</param>
/// <param name="Refused">Rows it could not be done to, each with the reason.</param>
public sealed record ActResult(string Action, int Done, IReadOnlyList<(string Node, string Why)> Refused);

/// <summary>Results that wait for the page that shows them; the oldest go when there are many.</summary>
sealed class ActResults(TimeProvider time)
{
    const int Most = 200;
    readonly ConcurrentDictionary<string, ActResult> kept = new(StringComparer.Ordinal);
    readonly ConcurrentQueue<string> order = new();

    /// <summary>Keeps a result; gives the name under which it is found.</summary>
    public string Keep(ActResult result)
    {
        var id = Ledger.LedgerTime.NewId(time);
        kept[id] = result;
        order.Enqueue(id);
        while (order.Count > Most && order.TryDequeue(out var oldest))
        {
            kept.TryRemove(oldest, out _);
        }

        return id;
    }

    /// <summary>A result, or null.</summary>
    public ActResult? Find(string? id) => id is not null && kept.TryGetValue(id, out var result) ? result : null;
}
