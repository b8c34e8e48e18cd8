namespace Workflow.Outside;

/// <summary>A configured sink.</summary>
sealed record SinkSpec
{
    /// <summary>Its name: what its cursor is kept under.</summary>
    public required string Name { get; init; }

    /// <summary>One of <see cref="SinkKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Where it goes, for people; holds no secret.</summary>
    public required string Target { get; init; }

    /// <summary>File of a file sink, absolute.</summary>
    public string? Path { get; init; }

    /// <summary>Full address of an HTTP sink; null where <see cref="UrlEnv"/> names it.</summary>
    public string? Url { get; init; }

    /// <summary>Environment variable that holds the address: addresses that are secrets themselves.</summary>
    public string? UrlEnv { get; init; }

    /// <summary>Environment variable that holds the token (OpenLineage) or signing secret (webhook).</summary>
    public string? SecretEnv { get; init; }

    /// <summary>Types of events that a webhook is told: exact, or a beginning and <c>*</c>.</summary>
    public IReadOnlyList<string> Events { get; init; } = ["run.*", "node.failed"];

    /// <summary>Tell the whole history; otherwise what happens from now on.</summary>
    public bool FromStart { get; init; }

    /// <summary>What a receiver is given to answer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>Kinds of sinks.</summary>
static class SinkKinds
{
    public const string OpenLineageFile = "openlineage-file";
    public const string OpenLineageHttp = "openlineage-http";
    public const string Webhook = "webhook";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [OpenLineageFile, OpenLineageHttp, Webhook];
}
