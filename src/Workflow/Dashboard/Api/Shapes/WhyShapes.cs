using System.Text.Json.Nodes;

namespace Workflow.Dashboard.Api.Shapes;

/// <summary>How a key differs from the nearest one computed before.</summary>
/// <param name="Field">Path of the field.</param>
/// <param name="Before">As it was, or null.</param>
/// <param name="After">As it is, or null.</param>
/// <param name="Text">In words.</param>
sealed record WhyField(string Field, string? Before, string? After, string Text);

/// <summary>How much of a stage's work was taken over from its last run.</summary>
/// <param name="Words">What was counted.</param>
/// <param name="Total">How many there are.</param>
/// <param name="Anew">How many were computed anew.</param>
/// <param name="FromRun">The run the others came from, or null.</param>
/// <param name="Text">In words.</param>
sealed record WhyReuse(string Words, long Total, long Anew, string? FromRun, string Text);

/// <summary>Why a node was computed or reused.</summary>
/// <param name="Node">Stage or partition.</param>
/// <param name="State">Its state.</param>
/// <param name="Result">hit, miss, or null where it was not looked up.</param>
/// <param name="ReusedFrom">For a hit: the run whose results it took.</param>
/// <param name="Differences">For a miss: what differs.</param>
/// <param name="Reuse">For a miss that took single rows over.</param>
/// <param name="Key">Its memo key, or null.</param>
sealed record WhyItem(string Node, string State, string? Result, string? ReusedFrom, IReadOnlyList<WhyField> Differences, IReadOnlyList<WhyReuse> Reuse, JsonNode? Key);
