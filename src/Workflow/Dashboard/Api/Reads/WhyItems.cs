using System.Text.Json.Nodes;
using Workflow.Dashboard.Api.Shapes;
using Workflow.Runs;

namespace Workflow.Dashboard.Api.Reads;

/// <summary>Answers to "why" to their shape.</summary>
static class WhyItems
{
    /// <summary>One node's.</summary>
    public static WhyItem Of(WhyRow row) => new(row.NodeId, row.State, row.Result, row.ReusedFromRun,
        [.. row.Differences.Select(d => new WhyField(d.Field, d.Before, d.After, d.Text))],
        [.. row.Reuse.Select(r => new WhyReuse(r.Words, r.Total, r.Anew, r.FromRun, r.Text))],
        row.KeyJson is { } key ? JsonNode.Parse(key) : null);
}
