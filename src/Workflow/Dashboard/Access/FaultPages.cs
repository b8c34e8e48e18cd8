namespace Workflow.Dashboard.Access;

/// <summary>Answers where a page failed, with its headers and in words: what was asked wrongly is said, anything else is told in the log alone.</summary>
static class FaultPages
{
    /// <summary>Adds it.</summary>
    public static void Use(WebApplication app) => app.Use(async (http, next) =>
    {
        try
        {
            await next(http);
        }
        catch (Exception fault) when (!http.Response.HasStarted && !http.RequestAborted.IsCancellationRequested)
        {
            var (status, title, message) = fault switch
            {
                BadHttpRequestException bad => (bad.StatusCode, "Not understood", $"The address says too little, or something else than was expected. {bad.Message}"),
                WorkflowException wrong => (StatusCodes.Status503ServiceUnavailable, "It cannot be shown", wrong.Message),
                _ => (StatusCodes.Status500InternalServerError, "This failed", "The server failed on this request; its log says where."),
            };
            if (status == StatusCodes.Status500InternalServerError)
            {
                http.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("Workflow.Dashboard").LogError(fault, "{Method} {Path}", http.Request.Method, http.Request.Path);
            }

            await Refusals.WriteAsync(http, status, title, message);
        }
    });
}
