using System.Net;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using Xunit;

namespace Workflow.Tests.Dashboard;

/// <summary>Somebody with a browser's cookies but without a browser: asks for pages, signs in, sends forms with the token of the page that holds them.</summary>
sealed class Visit : IDisposable
{
    readonly HttpClientHandler handler;
    readonly HttpClient http;

    public Visit(string address, Visit? cookiesOf = null)
    {
        handler = new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = cookiesOf?.Cookies ?? new CookieContainer(), ServerCertificateCustomValidationCallback = (_, _, _, _) => true };
        http = new HttpClient(handler) { BaseAddress = new Uri(address) };
    }

    public CookieContainer Cookies => handler.CookieContainer;

    /// <summary>Asks, as a browser does for a page unless another type is wanted.</summary>
    public Task<HttpResponseMessage> GetAsync(string path, string accept = "text/html", params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, path, null, accept, headers);

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? body, string accept, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        request.Headers.TryAddWithoutValidation("Accept", accept);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    /// <summary>A page as a document.</summary>
    public async Task<IHtmlDocument> DocumentAsync(string path)
    {
        using var answer = await GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return new HtmlParser().ParseDocument(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Sends a form with the token of a page.</summary>
    public async Task<HttpResponseMessage> PostAsync(string page, string action, (string Name, string Value)[] fields, params (string Name, string Value)[] headers)
    {
        var token = (await DocumentAsync(page)).QuerySelector("input[name=__RequestVerificationToken]")?.GetAttribute("value") ?? "";
        using var form = new FormUrlEncodedContent([new("__RequestVerificationToken", token), .. fields.Select(f => new KeyValuePair<string, string>(f.Name, f.Value))]);
        return await SendAsync(HttpMethod.Post, action, form, "text/html", headers);
    }

    public Task<HttpResponseMessage> SignInAsync(string name, string password, string page = "") => PostAsync("/sign-in", "/sign-in", [("name", name), ("password", password), ("return", page)]);

    public void Dispose()
    {
        http.Dispose();
        handler.Dispose();
    }
}
