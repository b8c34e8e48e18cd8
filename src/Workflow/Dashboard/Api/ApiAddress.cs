namespace Workflow.Dashboard.Api;

/// <summary>Where the API is, and what its answers and requests are marked with.</summary>
static class ApiAddress
{
    /// <summary>Its version. A change that a reader of the one before cannot pass over gets the next.</summary>
    public const string Version = "1";

    /// <summary>Below a server's own address.</summary>
    public const string Relative = "api/v" + Version;

    /// <summary>On the server.</summary>
    public const string Root = "/" + Relative;

    /// <summary>The OpenAPI document.</summary>
    public const string Document = "/api/openapi.json";

    /// <summary>Every answer names the API's version in it.</summary>
    public const string ApiHeader = "Workflow-Api";

    /// <summary>Every answer names the program's version in it.</summary>
    public const string VersionHeader = "Workflow-Version";

    /// <summary>Acts without a bearer token carry it: a page of another site cannot.</summary>
    public const string RequestHeader = "Workflow-Request";

    /// <summary>Type of the problem that there is nothing at an address, in contrast to nothing of a name.</summary>
    public const string UnknownAddress = "/docs/api#unknown-address";
}
