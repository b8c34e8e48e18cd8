using Microsoft.Playwright;
using Xunit;

namespace Workflow.Tests.Dashboard;

/// <summary>The system's Chromium, driven by Playwright; tests skip with the reason where there is none.</summary>
sealed class Browser : IAsyncDisposable
{
    static readonly string[] Places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
    readonly IPlaywright playwright;
    readonly IBrowser browser;

    Browser(IPlaywright playwright, IBrowser browser) => (this.playwright, this.browser) = (playwright, browser);

    public static async Task<Browser> StartAsync()
    {
        var chromium = Environment.GetEnvironmentVariable("CHROMIUM") ?? Places.FirstOrDefault(File.Exists);
        if (chromium is null)
        {
            Assert.Skip("needs a browser: no Chromium at " + string.Join(", ", Places) + " (apt-get install chromium)");
        }

        // The package's own Node.js drives the browser: Debian's (18) is too old for it.
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = chromium, Headless = true, Args = ["--no-sandbox"] });
        return new Browser(playwright, browser);
    }

    /// <summary>A page whose console errors and failed requests are collected.</summary>
    public async Task<(IPage Page, List<string> Errors)> OpenAsync(string url, int width = 1280, bool dark = false, bool scripts = true)
    {
        var context = await browser.NewContextAsync(new() { ViewportSize = new() { Width = width, Height = 844 }, ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light, JavaScriptEnabled = scripts });
        // Generous: on a busy machine a slow browser is no fault of the page.
        context.SetDefaultTimeout(120_000);
        Assertions.SetDefaultExpectTimeout(60_000);
        var page = await context.NewPageAsync();
        var errors = new List<string>();
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                errors.Add(message.Text);
            }
        };
        page.PageError += (_, message) => errors.Add(message);
        await page.GotoAsync(url, new() { WaitUntil = WaitUntilState.DOMContentLoaded });
        return (page, errors);
    }

    /// <summary>Writes pictures of a page, desktop and phone, light and dark, into the folder that SCREENSHOTS names; does nothing without it.</summary>
    public async Task PicturesAsync(string url, string name)
    {
        if (Environment.GetEnvironmentVariable("SCREENSHOTS") is not { Length: > 0 } folder)
        {
            return;
        }

        Directory.CreateDirectory(folder);
        foreach (var (width, dark) in new[] { (1280, false), (390, false), (1280, true), (390, true) })
        {
            var (page, _) = await OpenAsync(url, width, dark);
            await page.WaitForLoadStateAsync(LoadState.Load);
            var height = await page.EvaluateAsync<int>("document.documentElement.scrollHeight");
            for (var top = 0; top < height; top += 1600)
            {
                var clip = new Clip { X = 0, Y = top, Width = width, Height = Math.Min(1600, height - top) };
                await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}-{width}-{(dark ? "dark" : "light")}-{top / 1600}.png"), FullPage = true, Clip = clip });
            }

            await page.Context.CloseAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await browser.DisposeAsync();
        playwright.Dispose();
    }
}
