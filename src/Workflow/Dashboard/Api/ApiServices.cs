using Microsoft.OpenApi;
using Workflow.Dashboard.Api.Shapes;
using Workflow.Outside;

namespace Workflow.Dashboard.Api;

/// <summary>What the API needs of the web server: its JSON, and the document.</summary>
static class ApiServices
{
    const string Scheme = "token";

    /// <summary>Adds it.</summary>
    public static void Add(IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(o => ApiJson.Configure(o.SerializerOptions));
        services.Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = true);
        services.AddOpenApi(o =>
        {
            o.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            o.ShouldInclude = d => d.RelativePath?.StartsWith(ApiAddress.Relative + "/", StringComparison.Ordinal) == true;
            o.AddDocumentTransformer((document, _, _) =>
            {
                document.Info = new OpenApiInfo
                {
                    Title = "Workflow",
                    Version = $"{ApiAddress.Version} ({ProgramVersion.Text})",
                    Description = "Reads are GET, acts are POST with a JSON body. Every list goes on behind `next`, given as `after`. A refusal is application/problem+json. "
                        + $"Acts carry a bearer token, or the header `{ApiAddress.RequestHeader}` with any value; each leaves a line in the audit under the token's account.",
                };
                document.Servers = [];
                document.Components ??= new OpenApiComponents();
                document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
                document.Components.SecuritySchemes[Scheme] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "A token that an admin made for an account." };
                document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, document)] = [] }];
                return Task.CompletedTask;
            });
            o.AddOperationTransformer(async (operation, context, cancellationToken) =>
            {
                if (context.Description.ActionDescriptor.EndpointMetadata.OfType<ApiBodyOf>().FirstOrDefault() is not { } body)
                {
                    return;
                }

                var schema = await context.GetOrCreateSchemaAsync(body.Type, cancellationToken: cancellationToken);
                context.Document!.AddComponent(body.Type.Name, schema);
                operation.RequestBody = new OpenApiRequestBody
                {
                    Required = true,
                    Content = new Dictionary<string, OpenApiMediaType> { ["application/json"] = new() { Schema = new OpenApiSchemaReference(body.Type.Name, context.Document) } },
                };
            });
            o.AddSchemaTransformer((schema, context, _) =>
            {
                if (context.JsonTypeInfo.Type == typeof(DateTimeOffset) || context.JsonTypeInfo.Type == typeof(DateTimeOffset?))
                {
                    (schema.Type, schema.Format) = (context.JsonTypeInfo.Type == typeof(DateTimeOffset) ? JsonSchemaType.String : JsonSchemaType.String | JsonSchemaType.Null, "date-time");
                }

                return Task.CompletedTask;
            });
        });
    }
}
