using Workflow.Dashboard.Shell;
using Workflow.Runs.Acts;

namespace Workflow.Dashboard.StatePages;

/// <summary>Acts on ticked rows: each is asked for alone, so that one that cannot be done does not hold up the others; very many go the way of bulk acts.</summary>
/// <param name="context">The dashboard.</param>
/// <param name="results">Where the result waits for its page.</param>
sealed class JobActs(DashboardContext context, ActResults results)
{
    /// <summary>Names of the acts.</summary>
    public static IReadOnlyList<string> Names { get; } = ["requeue", "enqueue", "delete"];

    /// <summary>More than this go on in the background.</summary>
    const int MostAtOnce = 100;

    /// <summary>Does it; gives the page that shows the result.</summary>
    /// <exception cref="WorkflowException">Nothing was ticked, or this dashboard does not act.</exception>
    public async Task<string> DoAsync(Act act, string action)
    {
        var nodes = context.Acts.Nodes ?? throw new WorkflowException("This dashboard only shows: it was started without acts on jobs.");
        var ids = act.Form["ids"].OfType<string>().Select(i => i.Split('|', 2)).Where(i => i.Length == 2).Select(i => (Run: i[0], Node: i[1])).Distinct().ToList();
        if (ids.Count == 0)
        {
            throw new WorkflowException("Nothing was ticked: tick the rows that are meant, then ask again.");
        }

        if (ids.Count > MostAtOnce && context.Acts.Bulk is { } bulk)
        {
            var filter = new BulkFilter { Ids = [.. ids.Select(i => $"{i.Run}/{i.Node}")] };
            return $"/bulk/{Uri.EscapeDataString(await bulk.StartAsync(filter, action, act.Visitor.Name, act.Reason, act.Cancelled))}";
        }

        var (done, refused) = (0, new List<(string, string)>());
        foreach (var (run, node) in ids)
        {
            try
            {
                await (action switch
                {
                    "requeue" => nodes.RequeueAsync(run, node, act.Visitor.Name, act.Reason, act.Cancelled),
                    "enqueue" => nodes.EnqueueNowAsync(run, node, act.Visitor.Name, act.Reason, act.Cancelled),
                    _ => nodes.DeleteAsync(run, node, act.Visitor.Name, act.Reason, act.Cancelled),
                });
                done++;
            }
            catch (WorkflowException fault)
            {
                refused.Add((node, fault.Message));
            }
        }

        var back = act.Field("back");
        var path = back.StartsWith("/jobs/", StringComparison.Ordinal) || back.StartsWith("/retries", StringComparison.Ordinal) ? back : "/jobs/enqueued";
        return $"{path}{(path.Contains('?') ? '&' : '?')}result={results.Keep(new ActResult(action, done, refused))}";
    }
}
